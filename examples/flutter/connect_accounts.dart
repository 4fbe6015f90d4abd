// A button that asks your backend for a link and opens it in the system's browser sheet. Needs http and url_launcher.
// Not built in this repository's tests.
import 'dart:convert';

import 'package:flutter/material.dart';
import 'package:http/http.dart' as http;
import 'package:url_launcher/url_launcher.dart';

class ConnectAccounts extends StatelessWidget {
  const ConnectAccounts({super.key, required this.backend, required this.session});

  final Uri backend;
  final String session;

  @override
  Widget build(BuildContext context) =>
      FilledButton(onPressed: () => _connect(context), child: const Text('Connect accounts'));

  Future<void> _connect(BuildContext context) async {
    final messenger = ScaffoldMessenger.of(context);
    try {
      final answer = await http.post(backend.resolve('/connect-link'), headers: {'Authorization': 'Bearer $session'});
      if (answer.statusCode != 200) throw Exception(answer.statusCode);
      final url = Uri.parse(jsonDecode(answer.body)['url'] as String);
      // networks refuse to sign people in inside a WebView
      if (!await launchUrl(url, mode: LaunchMode.inAppBrowserView)) throw Exception('no browser');
    } on Exception {
      messenger.showSnackBar(const SnackBar(content: Text('Not connected. Try again.')));
    }
  }
}
