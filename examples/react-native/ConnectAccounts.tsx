// A screen that asks your backend for a link and opens it in the system's browser sheet.
import * as WebBrowser from "expo-web-browser";
import { useState } from "react";
import { Alert, Button, View } from "react-native";

type Props = { backend: string; session: string; onDone: () => void };

export function ConnectAccounts({ backend, session, onDone }: Props) {
  const [busy, setBusy] = useState(false);

  async function connect() {
    setBusy(true);
    try {
      const answer = await fetch(`${backend}/connect-link`, {
        method: "POST",
        headers: { Authorization: `Bearer ${session}` },
      });
      const said = (await answer.json()) as { url?: string; title?: string };
      if (!answer.ok || !said.url) throw new Error(said.title);
      await WebBrowser.openBrowserAsync(said.url); // networks refuse to sign people in inside a WebView
      onDone();
    } catch (error) {
      Alert.alert("Not connected", error instanceof Error ? error.message : undefined);
    } finally {
      setBusy(false);
    }
  }

  return (
    <View>
      <Button title="Connect accounts" onPress={connect} disabled={busy} />
    </View>
  );
}
