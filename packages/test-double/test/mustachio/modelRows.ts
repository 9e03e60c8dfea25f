/** A template, and the model that Mustachio infers from it. */
export type ModelRow = readonly [says: string, template: string, model: unknown]

export const modelRows: ReadonlyArray<ModelRow> = [
  ["infers nothing from text", "ASDF {{! x }}", {}],
  ["infers a scalar", "{{Name}}{{{raw}}}{{&also}}", { Name: "Name_Value", raw: "raw_Value", also: "also_Value" }],
  ["infers an object from a path", "{{a.b.c}}{{a.d}}", { a: { b: { c: "c_Value" }, d: "d_Value" } }],
  ["infers an object from a block", "{{#Person}}{{Name}}{{/Person}}", { Person: { Name: "Name_Value" } }],
  ["infers an empty object from a block without values", "{{#paid}}yes{{/paid}}{{^due}}no{{/due}}", {
    paid: {},
    due: {}
  }],
  ["infers an empty object from a condition that is printed", "{{#name}}Hi {{.}}{{/name}}", { name: {} }],
  ["puts the values of an inverted block below its path", "{{^name}}{{nick}}{{/name}}", {
    name: { nick: "nick_Value" }
  }],
  ["goes up out of a block", "{{#a.b}}{{../x}}{{../../y}}{{/a.b}}", { a: { b: {}, x: "x_Value" }, y: "y_Value" }],
  ["stays at the root when it goes up further", "{{../../x}}", { x: "x_Value" }],
  ["infers a list of scalars", "{{#each tags}}{{.}}{{/each}}", { tags: ["tags_1", "tags_2", "tags_3"] }],
  ["infers a list of scalars from a list without values", "{{#each tags}}x{{/each}}", {
    tags: ["tags_1", "tags_2", "tags_3"]
  }],
  ["infers a list of objects", "{{#each Employees}}{{name}}{{/each}}", { Employees: [{ name: "name_Value" }] }],
  [
    "infers lists within lists",
    "{{#each staff}}{{person.name}}{{#each colors}}{{hue}}{{/each}}{{#each places}}{{.}}{{/each}}{{/each}}",
    {
      staff: [{
        person: { name: "name_Value" },
        colors: [{ hue: "hue_Value" }],
        places: ["places_1", "places_2", "places_3"]
      }]
    }
  ],
  ["takes a list and its items for one level", "{{#each a.list}}{{../x}}{{../../y}}{{/each}}", {
    a: { list: ["list_1", "list_2", "list_3"], x: "x_Value" },
    y: "y_Value"
  }],
  ["takes what is only printed for a scalar, whatever is below it", "{{a}}{{a.b}}", { a: "a_Value" }],
  ["takes what is tested too for an object", "{{a}}{{#a}}{{b}}{{/a}}", { a: { b: "b_Value" } }],
  ["takes what is a list somewhere for a list", "{{#a}}x{{/a}}{{a}}{{#each a}}{{.}}{{b}}{{/each}}", {
    a: [{ b: "b_Value" }]
  }],
  ["goes into a list of the parent", "{{#P}}{{N}}{{#each ../P.F}}{{.}}{{/each}}{{/P}}", {
    P: { N: "N_Value", F: ["F_1", "F_2", "F_3"] }
  }]
]
