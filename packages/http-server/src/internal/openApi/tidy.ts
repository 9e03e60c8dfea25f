/** Rewrites the JSON Schemas that Effect makes as a person would write them. */
import { isRecord, type Json, record, rewrite } from "./json.ts"

/** Removes the words that only repeat a rule, joins what needs no `allOf`, and shortens names. */
export const tidy = (spec: Json): Json => {
  const shortened: unknown = JSON.parse(
    // The name of a class of errors has the path of its module, which a reference must escape.
    JSON.stringify(spec).replace(/@effect-postmark(?:(?:\/|~1)[\w-]+)*(?:\/|~1)(\w+)(?=")/g, "$1")
  )
  return record(rewrite(shortened, schema))
}

const schema = (value: Json): unknown => {
  const { allOf, ...own } = withoutNoise(value)
  if (!Array.isArray(allOf)) return value["allOf"] === undefined ? inlineNumber(own) : own
  const [only]: ReadonlyArray<unknown> = allOf
  return allOf.length === 1 && isRecord(only) ? inlineNumber({ ...withoutNoise(only), ...own }) : { allOf, ...own }
}

/** Effect gives each schema of an unknown value the same `$id`, which must be unique. */
const withoutNoise = ({ $id: _, description, title, ...value }: Json): Json => ({
  ...title === undefined || (typeof title === "string" && noiseTitle.test(title)) ? {} : { title },
  ...description === undefined || (typeof description === "string" && noiseDescription.test(description))
    ? {}
    : { description },
  ...value
})

const noiseTitle =
  /^(?:int|unknown|any|object|nonNegative|positive|nonEmptyString|(?:minLength|maxLength|between|greaterThan|greaterThanOrEqualTo|lessThan|lessThanOrEqualTo|minItems|maxItems|itemsCount)\(.*\))$/

const noiseDescription =
  /^(?:an integer|a (?:non-negative|positive|non empty)\b.*|a number (?:between|greater|less)\b.*|a string (?:matching the pattern|at least|at most)\b.*|an array of (?:at least|at most|exactly)\b.*|a string to be decoded.*)$/

/** A reference to a mere integer tells less than the integer itself. */
const inlineNumber = (value: Json): Json => {
  const { $ref: reference, ...own } = value
  const rules = typeof reference === "string" ? numbers[reference.slice(reference.lastIndexOf("/") + 1)] : undefined
  return rules === undefined ? value : { ...rules, ...own }
}

const numbers: Readonly<Record<string, Json>> = {
  Int: { type: "integer" },
  NonNegativeInt: { type: "integer", minimum: 0 }
}
