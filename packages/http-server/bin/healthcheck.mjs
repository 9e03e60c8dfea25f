#!/usr/bin/env node
// For a container, whose image may have no curl: exits with 0 if the server beside it answers.
const port = process.env.EFFECT_POSTMARK_PORT || "8025"
fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(4_000) }).then(
  ({ ok }) => process.exit(ok ? 0 : 1),
  () => process.exit(1)
)
