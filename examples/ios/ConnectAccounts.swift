// A button that asks your backend for a link and opens it in Safari's own sheet. Not built in this repository's tests.
import SafariServices
import SwiftUI

struct FreshLink: Decodable, Identifiable {
    let url: URL
    var id: URL { url }
}

struct ConnectAccounts: View {
    let backend: URL, session: String
    @State private var link: FreshLink?
    @State private var failed = false

    var body: some View {
        Button("Connect accounts") { Task { await connect() } }
            .sheet(item: $link) { Safari(url: $0.url) }
            .alert("Not connected. Try again.", isPresented: $failed) {}
    }

    private func connect() async {
        var request = URLRequest(url: backend.appendingPathComponent("connect-link"))
        request.httpMethod = "POST"
        request.setValue("Bearer \(session)", forHTTPHeaderField: "Authorization")
        guard let (data, answer) = try? await URLSession.shared.data(for: request),
              (answer as? HTTPURLResponse)?.statusCode == 200,
              let made = try? JSONDecoder().decode(FreshLink.self, from: data)
        else { failed = true; return }
        link = made  // networks refuse to sign people in inside a WKWebView
    }
}

struct Safari: UIViewControllerRepresentable {
    let url: URL
    func makeUIViewController(context: Context) -> SFSafariViewController { SFSafariViewController(url: url) }
    func updateUIViewController(_ controller: SFSafariViewController, context: Context) {}
}
