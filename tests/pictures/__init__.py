"""Pictures of what people see, drawn by the demo's page in Chromium and kept in docs/surfaces."""
