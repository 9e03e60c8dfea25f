/**
 * Who opened or clicked a message: the mail programs that Postmark tells apart.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

const Program = Schema.Struct({ Name: Schema.String, Company: Schema.String, Family: Schema.String })

/**
 * Who opened a message: the shape of an Open webhook. `readSeconds` is in seconds.
 * See https://postmarkapp.com/developer/webhooks/open-tracking-webhook.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Reader = Schema.Struct({
  client: Program,
  os: Program,
  platform: Schema.String,
  userAgent: Schema.String,
  geo: Schema.Record({ key: Schema.String, value: Schema.String }),
  readSeconds: Schema.NonNegative
}).annotations({ identifier: "Reader" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Reader extends Schema.Schema.Type<typeof Reader> {}

const nobody = { Name: "unknown", Company: "unknown", Family: "unknown" }

/**
 * What Postmark reports of a program it does not recognise. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category readers
 */
export const unknown: Reader = {
  client: nobody,
  os: nobody,
  platform: "Unknown",
  userAgent: "unknown",
  geo: {},
  readSeconds: 0
}

/**
 * Apple Mail on a Mac.
 *
 * @since 0.1.0
 * @category readers
 */
export const appleMail: Reader = {
  client: { Name: "Apple Mail 16.0", Company: "Apple Inc.", Family: "Apple Mail" },
  os: { Name: "macOS 14", Company: "Apple Inc.", Family: "macOS" },
  platform: "Desktop",
  userAgent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)",
  geo: {
    CountryISOCode: "NL",
    Country: "Netherlands",
    RegionISOCode: "NH",
    Region: "North Holland",
    City: "Amsterdam",
    Zip: "1012",
    Coords: "52.3740,4.8897",
    IP: "203.0.113.44"
  },
  readSeconds: 5
}

/**
 * Mail on an iPhone.
 *
 * @since 0.1.0
 * @category readers
 */
export const iPhoneMail: Reader = {
  ...appleMail,
  client: { Name: "iPhone Mail", Company: "Apple Inc.", Family: "iPhone Mail" },
  os: { Name: "iOS 18", Company: "Apple Inc.", Family: "iOS" },
  platform: "Mobile",
  userAgent:
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
}

/**
 * Gmail's image proxy, which hides the program, the system and the place.
 *
 * @since 0.1.0
 * @category readers
 */
export const gmail: Reader = {
  ...unknown,
  client: { Name: "Gmail", Company: "Google Inc.", Family: "Gmail" },
  platform: "WebMail",
  userAgent: "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
}

/**
 * Outlook on Windows.
 *
 * @since 0.1.0
 * @category readers
 */
export const outlook: Reader = {
  client: { Name: "Outlook 2019", Company: "Microsoft Corporation", Family: "Outlook" },
  os: { Name: "Windows 10", Company: "Microsoft Corporation", Family: "Windows" },
  platform: "Desktop",
  userAgent: "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.10325; Pro)",
  geo: {
    CountryISOCode: "US",
    Country: "United States",
    RegionISOCode: "IL",
    Region: "Illinois",
    City: "Chicago",
    Zip: "60601",
    Coords: "41.8858,-87.6229",
    IP: "198.51.100.7"
  },
  readSeconds: 12
}

/**
 * The readers that a scenario file can name.
 *
 * @since 0.1.0
 * @category readers
 */
export const named = { unknown, appleMail, iPhoneMail, gmail, outlook }

/**
 * A reader in a scenario or a request: the name of one of {@link named}, or what differs from {@link unknown}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Choice = Schema.Union(
  Schema.Literal("unknown", "appleMail", "iPhoneMail", "gmail", "outlook"),
  Schema.partialWith(Schema.Struct(Reader.fields), { exact: true })
).annotations({ identifier: "ReaderChoice" })

/**
 * @since 0.1.0
 * @category models
 */
export type Choice = typeof Choice.Type

/**
 * The reader that is meant.
 *
 * @since 0.1.0
 * @category conversions
 */
export const fromChoice = (choice: Choice | undefined): Reader =>
  typeof choice === "string" ? named[choice] : { ...unknown, ...choice }
