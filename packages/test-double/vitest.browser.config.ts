import { shared } from "../../vitest.shared.ts"

/** What needs a browser: `npm run test:browser` in the root. */
export default shared({ include: ["test/browser/**/*.browser.test.ts"], testTimeout: 60_000 })
