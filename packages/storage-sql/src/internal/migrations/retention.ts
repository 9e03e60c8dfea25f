/** Pruning by age: the indexes that find what is old, and the largest sequence number that is gone. Records of erasures. */
import { statements } from "./statements.ts"

export const retention = statements(
  `CREATE INDEX postmark_events_received ON postmark_events (received_at)`,
  `CREATE INDEX postmark_events_bodies ON postmark_events (received_at) WHERE raw <> 'null'`,
  `CREATE TABLE postmark_pruned (
    log TEXT NOT NULL PRIMARY KEY,
    sequence {integer} NOT NULL
  ) {strict}`,
  `CREATE TABLE postmark_erasures (
    position {key},
    id TEXT NOT NULL UNIQUE,
    connection_id TEXT,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    changed TEXT NOT NULL
  ) {strict}`
)
