/**
 * `npm run test:browser`: installs and builds what is missing, then runs the tests that need a browser. The last line is
 * the sum: `N passed, M failed`. `npm test -- --browser` runs them among all others.
 */
import { testBrowser } from "./browserTests.mjs"
import { summary } from "./counts.mjs"
import { build, install, requireNode } from "./workspace.mjs"

requireNode()
await install()
const result = await build() === 0 ? await testBrowser() : { name: "build", passed: 0, failed: 1, skipped: 0 }
const { lines, failed } = summary([result])
console.log(`\n${lines.join("\n")}`)
process.exitCode = failed === 0 ? 0 : 1
