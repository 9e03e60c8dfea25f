import { account } from "./account.ts"
import { beyond } from "./beyond.ts"
import { bounces } from "./bounces.ts"
import type { Scenarios } from "./harness.ts"
import { inbound } from "./inbound.ts"
import { sending } from "./sending.ts"
import { settings } from "./settings.ts"
import { statistics } from "./statistics.ts"
import { templates, templatesPush } from "./templates.ts"

export const serverScenarios: Scenarios = {
  ...sending,
  ...bounces,
  ...inbound,
  ...statistics,
  ...settings,
  ...templates
}

export const accountScenarios: Scenarios = { ...account, ...templatesPush }

export { beyond }
