// JSON Schemas of the analytics, as far as forms are made from them.

/** A schema with its `$ref` followed, within the document `root`. */
export function resolve(schema, root) {
  let found = schema;
  while (found?.$ref) found = found.$ref.slice(2).split("/").reduce((at, key) => at[key], root);
  return found === schema ? schema : { ...found, ...(schema.description ? { description: schema.description } : {}) };
}

/** Whether a schema takes `null`, so that a field may be left empty. */
export const takesNull = (schema) => schema.type === "null" || (Array.isArray(schema.type) && schema.type.includes("null")) || schema.enum?.includes(null) || schema.const === null;

/** The kind of field for a schema: `choice`, `number`, `text`, `flag`, `list`, `picks`, `object`, `map`, `variants`, `fixed`. */
export function kindOf(schema, root) {
  const type = [schema.type].flat().find((name) => name && name !== "null");
  if ("const" in schema) return "fixed";
  if (schema.oneOf) return "variants";
  if (schema.enum) return "choice";
  if (type === "array") return resolve(schema.items ?? {}, root).enum ? "picks" : "list";
  if (type === "object") return schema.properties ? "object" : "map";
  if (type === "integer" || type === "number") return "number";
  if (type === "boolean") return "flag";
  return "text";
}

/** What tells a variant of `oneOf` from the others: the values of its constants, or its type. */
export function wordOfVariant(schema) {
  if (takesNull(schema) && !schema.properties) return "none";
  const told = Object.values(schema.properties ?? {}).flatMap((property) => ("const" in property ? [property.const] : []));
  if (told.length) return told.join("-");
  const chosen = Object.entries(schema.properties ?? {}).find(([key, property]) => key === "type" && property.enum);
  return chosen ? chosen[1].enum.join("-") : [schema.type ?? (schema.enum ? "choice" : "value")].flat().join("-");
}

/** Which of several variants a value is, or -1. */
export function variantOf(variants, value) {
  return variants.findIndex((schema) => {
    if (value === null || value === undefined) return takesNull(schema) && !schema.properties;
    if (schema.enum) return schema.enum.includes(value);
    const type = [schema.type].flat();
    if (typeof value !== "object") return type.includes(typeof value === "number" ? "number" : typeof value) || (Number.isInteger(value) && type.includes("integer"));
    if (!schema.properties) return false;
    return Object.entries(schema.properties).every(([key, property]) =>
      "const" in property ? value[key] === property.const : property.enum && key === "type" ? property.enum.includes(value[key]) : true);
  });
}

/** A name for people out of a key: `people_count_threshold` as `People count threshold`. */
export const prettyKey = (key) => key.replaceAll("_", " ").replace(/^./, (letter) => letter.toUpperCase());
