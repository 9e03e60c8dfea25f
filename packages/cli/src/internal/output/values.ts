/** Reads fields of results by their paths. */

/** The values at a path. A list on the way gives the values of all its items. */
export const valuesAt = (value: unknown, path: ReadonlyArray<string>): ReadonlyArray<unknown> => {
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, path))
  const [first, ...rest] = path
  if (first === undefined) return value === undefined || value === null ? [] : [value]
  return typeof value === "object" && value !== null && Object.hasOwn(value, first)
    ? valuesAt(Reflect.get(value, first), rest)
    : []
}

/** One cell: several values are separated by commas; an object is JSON. */
export const cellAt = (value: unknown, path: string): string =>
  valuesAt(value, path.split(".")).map((each) => typeof each === "object" ? JSON.stringify(each) : String(each))
    .join(", ")

/** Keeps only the fields at these paths. */
export const pick = (value: unknown, paths: ReadonlyArray<ReadonlyArray<string>>): unknown => {
  if (Array.isArray(value)) return value.map((item) => pick(item, paths))
  if (typeof value !== "object" || value === null) return value
  const names = [...new Set(paths.flatMap(([first]) => first === undefined ? [] : [first]))]
  return Object.fromEntries(names.flatMap((name) => {
    if (!Object.hasOwn(value, name)) return []
    const inner = paths.filter(([first]) => first === name).map((path) => path.slice(1))
    const field: unknown = Reflect.get(value, name)
    return [[name, inner.some((path) => path.length === 0) ? field : pick(field, inner)]]
  }))
}

/** The paths of the plain fields of a row, and of the plain fields of its objects. Not what Postmark's answer was. */
export const plainPaths = (row: unknown): ReadonlyArray<string> =>
  typeof row !== "object" || row === null
    ? []
    : Object.entries(row).flatMap(([name, value]: [string, unknown]) =>
      name === "raw" || value === undefined
        ? []
        : typeof value === "object" && value !== null && !Array.isArray(value)
        ? plainPaths(value).map((path) => `${name}.${path}`)
        : [name]
    )

/** The rows of a result. */
export const rowsOf = (value: unknown, list: string | undefined): ReadonlyArray<unknown> => {
  const items = list === undefined
    ? value
    : typeof value === "object" && value !== null
    ? Reflect.get(value, list)
    : value
  return Array.isArray(items) ? items : [items]
}
