/** What long tasks did: sweeps of connections, and passes of retention. */
import { statements } from "./statements.ts"

export const tasks = statements(
  `CREATE TABLE postmark_tasks (
    position {key},
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    report TEXT,
    failure TEXT
  ) {strict}`,
  `CREATE INDEX postmark_tasks_place ON postmark_tasks (kind, connection_id, position)`
)
