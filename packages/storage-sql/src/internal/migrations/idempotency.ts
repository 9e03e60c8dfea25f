/** What was answered to requests with an `Idempotency-Key`. `id` is a hash of the key; `answer` is encrypted. */
import { statements } from "./statements.ts"

export const idempotency = statements(
  `CREATE TABLE postmark_idempotency (
    id TEXT NOT NULL PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    state TEXT NOT NULL,
    correlation TEXT,
    lease TEXT NOT NULL,
    sender TEXT,
    lease_until {integer} NOT NULL,
    created_at {integer} NOT NULL,
    expires_at {integer} NOT NULL,
    answer TEXT
  ) {strict}`,
  `CREATE INDEX postmark_idempotency_expiry ON postmark_idempotency (expires_at)`
)
