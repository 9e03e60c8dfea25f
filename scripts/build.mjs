/** `npm run build`: installs what is missing, then builds every package and example. */
import { build, install, requireNode } from "./workspace.mjs"

requireNode()
await install()
process.exitCode = await build()
