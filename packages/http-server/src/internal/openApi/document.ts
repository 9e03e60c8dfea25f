/** The last steps from the derived document to the published one. */
import { exampleOf } from "./exampleOf.ts"
import { examples } from "./examples.ts"
import { isRecord, type Json, mapValues, record } from "./json.ts"
import { withProblems } from "./problemResponses.ts"
import { tidy } from "./tidy.ts"

export const published = (spec: Json): Json => withExamples(withoutUnused(withTags(withProblems(tidy(spec)))))

/** Each operation has an example of its request and of its response. */
const withExamples = (spec: Json): Json => {
  const make = exampleOf(record(record(spec["components"])["schemas"]))
  const media = (content: unknown, given: unknown) =>
    mapValues(content, (type) => {
      const { example, ...own } = record(type)
      return { ...own, example: example ?? given ?? make(own["schema"]) }
    })
  return {
    ...spec,
    paths: mapValues(spec["paths"], (item) =>
      mapValues(item, (operation) => {
        if (!isRecord(operation)) return operation
        const own = examples[String(operation["operationId"])] ?? {}
        const { parameters, requestBody, responses, ...others } = operation
        return {
          ...others,
          parameters: (Array.isArray(parameters) ? parameters : []).map((parameter: unknown) => {
            const { example, ...rest } = record(parameter)
            const given = example ?? own.parameters?.[String(rest["name"])] ??
              (rest["required"] === true ? make(rest["schema"], String(rest["name"])) : undefined)
            return given === undefined ? rest : { ...rest, example: given }
          }),
          ...isRecord(requestBody)
            ? { requestBody: { ...requestBody, content: media(requestBody["content"], own.request) } }
            : {},
          responses: mapValues(responses, (response) => {
            const { content, ...rest } = record(response)
            return content === undefined ? rest : { ...rest, content: media(content, own.response) }
          })
        }
      }))
  }
}

/** Each tag has a description. */
const withTags = (spec: Json): Json => ({
  ...spec,
  tags: (Array.isArray(spec["tags"]) ? spec["tags"] : []).map((tag: unknown) => ({
    description: `${String(record(tag)["name"])}.`,
    ...record(tag)
  }))
})

/** The schemas that are used, directly or by one that is. */
const withoutUnused = (spec: Json): Json => {
  const components = record(spec["components"])
  const schemas = record(components["schemas"])
  const used = new Set<string>()
  const follow = (value: unknown) => {
    for (const [, name = ""] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (!used.has(name)) {
        used.add(name)
        follow(schemas[name] ?? null)
      }
    }
  }
  follow({ paths: spec["paths"], responses: components["responses"] })
  return {
    ...spec,
    components: {
      ...components,
      schemas: Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)))
    }
  }
}
