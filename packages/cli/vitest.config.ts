import { shared } from "../../vitest.shared.ts"

// A test may start several processes, each of which loads its sources.
export default shared({ testTimeout: 120_000 })
