/**
 * How a command's result is shown to a person, and cut into rows for CSV.
 *
 * @since 0.1.0
 */

/**
 * A column. `path` is where the value is, with dots: `receivedAt`, `to.email`. `kind` is how a person reads it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Column {
  readonly path: string
  readonly title?: string | undefined
  /** A column that is never cut, such as an id. */
  readonly whole?: boolean | undefined
  readonly kind?: "time" | "number" | "state" | "text" | undefined
}

/**
 * What a custom rendering can use.
 *
 * @since 0.1.0
 * @category models
 */
export interface Screen {
  readonly columns: number
  readonly color: boolean
}

/**
 * A view of a result. `list` is the field that contains the rows; without it, the result itself is one row. `columns` are
 * those of a table; without them, every plain field is one. `render` replaces the table of one result.
 *
 * @since 0.1.0
 * @category models
 */
export interface View {
  readonly list?: string | undefined
  readonly columns?: ReadonlyArray<Column> | undefined
  readonly render?: ((value: unknown, screen: Screen) => string) | undefined
  /** Write indented JSON on a terminal: the result has no better form. */
  readonly jsonOnTerminal?: boolean | undefined
}
