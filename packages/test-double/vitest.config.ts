import { shared } from "../../vitest.shared.ts"

// What needs a browser has a run of its own: vitest.browser.config.ts.
export default shared({ exclude: ["test/browser/**"] })
