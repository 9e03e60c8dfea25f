/**
 * What Postmark tells about a domain's DNS, on domains and on sender signatures alike
 * (https://postmarkapp.com/developer/api/domains-api).
 */
import { optionalFlag, optionalText } from "./fields.ts"

export const dnsFields = {
  spfVerified: optionalFlag,
  spfHost: optionalText,
  spfTextValue: optionalText,
  dkimVerified: optionalFlag,
  weakDkim: optionalFlag,
  dkimHost: optionalText,
  dkimTextValue: optionalText,
  dkimPendingHost: optionalText,
  dkimPendingTextValue: optionalText,
  dkimRevokedHost: optionalText,
  dkimRevokedTextValue: optionalText,
  safeToRemoveRevokedKeyFromDns: optionalFlag,
  dkimUpdateStatus: optionalText,
  returnPathDomain: optionalText,
  returnPathDomainVerified: optionalFlag,
  returnPathDomainCnameValue: optionalText
}
