/** What a schema may refer to: its own places, by `#` and JSON pointer, and its anchors. */
export type Lookup = Record<string, unknown>

export function dereference(schema: unknown, lookup: Lookup = Object.create(null) as Lookup, place = '#'): Lookup {
  if (typeof schema !== 'object' || schema === null) return lookup
  lookup[place] = schema
  const anchor = (schema as { $anchor?: unknown }).$anchor
  if (typeof anchor === 'string') lookup[`#${anchor}`] = schema
  for (const [key, value] of Object.entries(schema)) {
    dereference(value, lookup, `${place}/${key.replace(/~/g, '~0').replace(/\//g, '~1')}`)
  }
  return lookup
}
