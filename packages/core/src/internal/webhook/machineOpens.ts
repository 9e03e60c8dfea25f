/** User agents that load an email's images without anybody reading: proxies, scanners, and programs. */

interface Row {
  readonly name: string
  readonly pattern: RegExp
  /** A user agent of this kind. */
  readonly example: string
  readonly source: string
}

const gateways = "https://check.live-direct-marketing.online/blog/bot-clicks-security-scanners-detect"
const libraries =
  "https://suped.com/learn/email-deliverability/how-can-i-identify-bot-user-agents-in-my-email-click-data"
const falseOpens = "https://github.com/skuz-ko/php-email-open-bot-detection"
const trackers = "https://github.com/lawandbarbarosa/hello-world-spark-016/blob/main/EMAIL_TRACKING_FIX.md"
const robots = "https://github.com/janusman/robot-user-agents"

/** On doubt, a row is here: the verdict is "likely", and the open is kept all the same. */
export const table: ReadonlyArray<Row> = [
  {
    name: "Apple Mail Privacy Protection",
    pattern: /^Mozilla\/5\.0$/i,
    example: "Mozilla/5.0",
    source: "https://documentation.mailgun.com/docs/mailgun/user-manual/tracking-messages/open-click-bot-detect"
  },
  {
    name: "Google's image proxy",
    pattern: /GoogleImageProxy|ggpht\.com/i,
    example: "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    source: "https://www.mailgun.com/blog/product/bot-detection/"
  },
  {
    name: "Gmail's prefetch",
    pattern: /Edge\/12\.246 Mozilla\/5\.0$/i,
    example:
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0",
    source: "https://bird.com/zh-sg/blog/gmail-prefetching-images"
  },
  {
    name: "Yahoo's mail proxy",
    pattern: /YahooMailProxy|YahooCacheSystem/i,
    example: "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
    source: "https://botcrawl.com/bots/yahoomailproxy/"
  },
  { name: "Outlook's image proxy", pattern: /OutlookImageProxy/i, example: "OutlookImageProxy", source: falseOpens },
  {
    name: "Exchange",
    pattern: /Microsoft Exchange\/|ExchangeServicesClient|Office 365 Connectors/i,
    example: "Microsoft Exchange/15.20 (Windows NT 10.0; Win64; x64)",
    source: falseOpens
  },
  {
    name: "Barracuda",
    pattern: /barracuda/i,
    example: "Barracuda Sentinel (EE)",
    source: "https://www.braze.com/docs/sms_rcs_bot_click_filtering/"
  },
  { name: "Proofpoint", pattern: /proofpoint|urldefense/i, example: "ProofpointURLDefense/1.0", source: gateways },
  { name: "Mimecast", pattern: /mimecast/i, example: "Mimecast-Scanner/1.0", source: trackers },
  { name: "Cisco", pattern: /CiscoSecureEmail|ironport/i, example: "CiscoSecureEmail", source: gateways },
  { name: "Trend Micro", pattern: /\bTMES\b|trend ?micro/i, example: "TMES", source: gateways },
  { name: "Sophos", pattern: /sophos/i, example: "Sophos Email Scanner", source: gateways },
  { name: "Fortinet", pattern: /fortimail|fortinet/i, example: "FortiMail", source: gateways },
  {
    name: "an unnamed gateway",
    pattern: /\b(?:SCMGUARD|HubSpot Connect|Amazon CloudFront|cortex\/\d)/i,
    example: "SCMGUARD",
    source: falseOpens
  },
  {
    name: "a Python program",
    pattern: /python-requests|\baiohttp\//i,
    example: "python-requests/2.32.3",
    source: libraries
  },
  {
    name: "a Java program",
    pattern: /^Java\/|^Jetty\/|Apache-HttpClient\/|^AHC\//i,
    example: "Apache-HttpClient/4.5.1 (Java/1.8.0_172)",
    source: libraries
  },
  { name: "wget or curl", pattern: /^(?:wget|curl)\//i, example: "Wget/1.9.1", source: libraries },
  {
    name: "a Lua program",
    pattern: /lua-resty-http/i,
    example: "lua-resty-http/0.10 (Lua) ngx_lua/10019",
    source: libraries
  },
  {
    name: "a preview of links",
    pattern: /slackbot|facebookexternal|Snap URL Preview|BingPreview/i,
    example: "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    source: libraries
  },
  {
    name: "a crawler",
    // CUBOT makes phones.
    pattern: /(?<!cu)bot\b|crawler|spider|scanner|headless/i,
    example: "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    source: robots
  },
  { name: "nothing but spaces", pattern: /^$/, example: " ", source: falseOpens }
]

/** A user agent that is not there says nothing; one that is there and empty is a scanner's. */
export const machineOpen = (userAgent: string | undefined): "likely" | "unknown" => {
  if (userAgent === undefined) return "unknown"
  const text = userAgent.trim()
  return table.some(({ pattern }) => pattern.test(text)) ? "likely" : "unknown"
}
