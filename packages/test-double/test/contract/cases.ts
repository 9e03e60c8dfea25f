import { account } from "./account.ts"
import type { Case } from "./case.ts"
import { failures } from "./failures.ts"
import { history } from "./history.ts"
import { sending } from "./sending.ts"
import { settings } from "./settings.ts"

export const cases: ReadonlyArray<Case> = [...sending, ...history, ...settings, ...account, ...failures]
