import { account } from "./account.ts"
import type { Case } from "./harness.ts"
import { resources } from "./resources.ts"
import { sending } from "./sending.ts"

export const cases: ReadonlyArray<Case> = [...sending, ...resources, ...account]
