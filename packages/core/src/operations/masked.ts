/**
 * Refuses URLs without their credentials, as responses show them.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { isMasked } from "../internal/http/maskedUrl.ts"

/**
 * Refuses a URL that was copied from a response, because writing it back would remove its credentials.
 *
 * @since 0.1.0
 * @category filters
 */
export const withoutMaskedUrls = <A extends object, I>(
  schema: Schema.Schema<A, I>,
  fields: ReadonlyArray<string>
): Schema.Schema<A, I> =>
  schema.pipe(
    Schema.filter((value): ReadonlyArray<Schema.FilterIssue> =>
      Object.entries(value).flatMap(([name, url]: [string, unknown]) =>
        fields.includes(name) && typeof url === "string" && isMasked(url)
          ? [{ path: [name], message: "must be the whole URL, with its credentials in place of redacted" }]
          : []
      )
    )
  )
