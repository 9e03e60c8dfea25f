/**
 * The operations on inbound rules. See https://postmarkapp.com/developer/api/inbound-rules-triggers-api.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { InboundRule, InboundRulesPage, NewInboundRule } from "../InboundRules.ts"
import * as Operation from "../Operation.ts"
import { Paging } from "../Paging.ts"
import { RuleParams } from "./parameters.ts"

const rule = { id: 3, rule: "spam.example" }

/**
 * @since 0.1.0
 * @category operations
 */
export const list = Operation.make("postmark/list-inbound-rules", Operation.reads, {
  ...Operation.empty,
  group: "inboundRules",
  member: "list",
  title: "List inbound rules",
  description: "The addresses and domains whose inbound email is blocked",
  method: "GET",
  path: "/inbound-rules",
  query: Paging,
  success: Operation.response(InboundRulesPage, "InboundRulesPage"),
  example: { query: { count: 50, offset: 0 }, success: { totalCount: 1, inboundRules: [rule] } },
  run: ({ query }, client) => client.inboundRules.list(query)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const create = Operation.make("postmark/create-inbound-rule", Operation.creates, {
  ...Operation.empty,
  group: "inboundRules",
  member: "create",
  title: "Create an inbound rule",
  description: "Blocks inbound email from an address or a domain",
  method: "POST",
  path: "/inbound-rules",
  status: 201,
  body: NewInboundRule,
  success: Operation.response(InboundRule, "InboundRule"),
  example: { body: { rule: "spam.example" }, success: rule },
  run: ({ body }, client) => client.inboundRules.create(body)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const remove = Operation.make("postmark/delete-inbound-rule", Operation.removes, {
  ...Operation.empty,
  group: "inboundRules",
  member: "delete",
  title: "Delete an inbound rule",
  description: "Accepts inbound email from the address or domain again",
  method: "DELETE",
  path: "/inbound-rules/:ruleId",
  status: 204,
  params: RuleParams,
  success: Schema.Void,
  example: { params: { ruleId: 3 } },
  run: ({ params }, client) => client.inboundRules.delete(params.ruleId)
})
