export * as Triggers from "./Triggers.ts"
