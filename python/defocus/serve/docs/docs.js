// Shows /openapi.json as one table for each endpoint.  Text is set as text, never as HTML.
function add(parent, name, text = "") {
  const element = document.createElement(name);
  element.textContent = text;
  parent.append(element);
  return element;
}

function range(schema) {
  const parts = (schema.anyOf ?? [schema]).filter((part) => part.type !== "null");
  return parts.map((part) => {
    if (part.enum) return part.enum.join(", ");
    if (part.const !== undefined) return String(part.const);
    const low = part.minimum ?? part.exclusiveMinimum;
    const high = part.maximum ?? part.exclusiveMaximum;
    const bounds = low === undefined ? "" : high === undefined ? ` from ${low}` : ` ${low} to ${high}`;
    return (part.format ?? part.type ?? "") + bounds;
  }).join(" or ");
}

function table(parent, heads, rows) {
  const scroll = add(parent, "div");
  scroll.className = "scroll";
  const made = add(scroll, "table");
  const head = add(add(made, "thead"), "tr");
  for (const text of heads) add(head, "th", text).scope = "col";
  const body = add(made, "tbody");
  for (const row of rows) {
    const line = add(body, "tr");
    for (const text of row) add(line, "td", text);
  }
}

function show(parent, path, method, operation) {
  const section = add(parent, "section");
  add(section, "h2", `${method.toUpperCase()} ${path}`);
  add(section, "p", operation.description ?? operation.summary ?? "");
  const rows = (operation.parameters ?? []).map((parameter) => [
    parameter.name, range(parameter.schema), String(parameter.schema.default ?? ""), parameter.description ?? "",
  ]);
  const multipart = operation.requestBody?.content?.["multipart/form-data"]?.schema?.properties ?? {};
  for (const [name, schema] of Object.entries(multipart)) {
    if (schema.format === "binary") rows.push([name, "file", "", "a multipart file"]);
  }
  if (rows.length) table(section, ["option", "values", "default", "meaning"], rows);
  const answers = Object.entries(operation.responses ?? {});
  if (answers.length) table(section, ["status", "meaning"], answers.map(([status, answer]) => [status, answer.description]));
}

const answer = await fetch("/openapi.json");
const description = await answer.json();
const parent = document.querySelector("#endpoints");
for (const [path, methods] of Object.entries(description.paths)) {
  for (const [method, operation] of Object.entries(methods)) show(parent, path, method, operation);
}
