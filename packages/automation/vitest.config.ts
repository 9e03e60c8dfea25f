import { mergeConfig } from "vitest/config"
import { shared } from "../../vitest.shared.ts"

// The PostgreSQL of the storage's tests serves these too.
export default mergeConfig(shared(), { test: { globalSetup: ["../storage-sql/test/postgres/globalSetup.ts"] } })
