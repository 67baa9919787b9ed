function drawBuilder({ model, root }) {
  const sources = () => model.get("sources");
  const choice = structuredClone(model.get("choices"));

  function field(label, control, grow = true) {
    return make("label", { class: "fk-field" + (grow ? " fk-grow" : "") }, make("span", {}, label), control);
  }
  function menu(label, options, value, change, classes = "") {
    const element = make("select", { "aria-label": label, class: classes, onchange: () => change(element.value) },
      ...options.map(([key, text]) => make("option", { value: key }, text)));
    element.value = value;
    return element;
  }
  function box(label, value, change, placeholder = "", list = "") {
    const element = make("input", { "aria-label": label, placeholder, spellcheck: "false",
      autocomplete: "off", ...(list ? { list } : {}), oninput: () => change(element.value) });
    element.value = value ?? "";
    return element;
  }

  function tick(label, checked, change, title) {
    const element = make("input", { "aria-label": label, type: "checkbox", title, onchange: () => change(element.checked) });
    element.checked = Boolean(checked);
    return element;
  }

  const form = make("div", { class: "fk-bar fk-form" });
  const lines = make("div", { class: "fk-lines" });
  const text = make("pre", { class: "fk-text fk-cell", tabindex: "0", "aria-label": "the cell" });
  const verdict = make("div", { class: "fk-verdict", "aria-live": "polite" });
  const told = make("span", { class: "fk-quiet fk-told", "aria-live": "polite" });
  const write = make("button", { class: "fk-main fk-write", onclick: writeCell }, "write cell");
  const copy = make("button", { class: "fk-copy", onclick: copyText }, "copy");
  const add = make("button", { class: "fk-add", onclick: addLine }, "+ feature");
  const names = "fk-windows-" + model.get("anchor");
  const windows = make("datalist", { id: names });
  root.append(
    make("h3", {}, "feature builder"), form, lines,
    make("div", { class: "fk-bar fk-more" },
      add),
    text, verdict, make("div", { class: "fk-bar fk-foot" }, write, copy, told), windows,
  );

  const source = () => offered().find((one) => one.name === choice.source);
  // a label reads what comes later, which a request does not have
  const offered = () => sources().filter((one) => !choice.label || one.kind !== "request");
  const kinds = () => (model.get("offers")[source()?.kind] ?? []);
  const columns = (aggregate) => {
    const takes = model.get("takes")[aggregate];
    return (source()?.columns ?? []).filter((one) => !takes || takes.includes(one.kind));
  };

  let waiting = 0;
  function changed() {
    told.textContent = "";
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      model.set("choices", structuredClone(choice));
      model.save_changes();
    }, 150);
  }

  function addLine() {
    const last = choice.lines[choice.lines.length - 1];
    choice.lines.push(last ? { ...last, name: "" } : { aggregate: kinds()[0], window: model.get(listed())[0] });
    settle();
  }

  const listed = () => (choice.label ? "ahead" : "windows");

  // a window looks the way that the view does: last_30d becomes next_30d, and back
  function turn(label) {
    choice.label = label;
    for (const line of choice.lines) {
      line.window = (line.window ?? "").replace(...(label ? [/^last_(?=\d+[smhdw])/, "next_"] : [/^next_/, "last_"]));
      if (!label) line.window = line.window.replace("_after_", "_before_");
      else line.window = line.window.replace("_before_", "_after_");
    }
    settle();
  }

  // a choice that the source does not offer becomes its first one
  function settle() {
    if (!source()) choice.source = offered()[0]?.name ?? "";
    const here = source();
    add.textContent = choice.label ? "+ label" : "+ feature";
    windows.replaceChildren(...model.get(listed()).map((one) => make("option", { value: one })));
    if (here && !here.entities.includes(choice.entity)) choice.entity = here.entities[0] ?? "";
    for (const line of choice.lines) {
      if (!kinds().includes(line.aggregate)) line.aggregate = kinds()[0];
      const offered = columns(line.aggregate);
      if (!offered.some((one) => one.name === line.column)) line.column = offered[0]?.name ?? "";
    }
    drawForm();
    drawLines();
    changed();
  }

  function drawForm() {
    const here = source();
    const entities = (here?.entities ?? []).map((one) => [one, one]);
    form.replaceChildren(
      field("writes", menu("writes", [["", "features"], ["label", "labels: what comes after"]], choice.label ? "label" : "",
        (value) => turn(value === "label"), "fk-side"), false),
      field("view", box("view name", choice.view, (value) => { choice.view = value; changed(); },
        choice.label ? "churned" : "customer_spend")),
      field("source", menu("source", offered().map((one) => [one.name, `${one.name} (${one.kind})`]),
        choice.source, (value) => { choice.source = value; settle(); }, "fk-source")),
      ...(entities.length ? [field("per", menu("entity", entities, choice.entity,
        (value) => { choice.entity = value; changed(); }))] : []),
      field("owner", box("owner", choice.owner, (value) => { choice.owner = value; changed(); }, "you@example.com")),
      ...(choice.label ? (here?.kind === "snapshot" ? [field("ahead", box("ahead", choice.ahead,
        (value) => { choice.ahead = value; changed(); }, "30d"), false)] : []) : [field("strict", tick("strict", choice.strict, (value) => { choice.strict = value; changed(); },
        "a null made of inputs that have values is outside of the contract"), false)]),
    );
  }

  function drawLine(line, at) {
    const set = (key) => (value) => { line[key] = value; changed(); };
    const over = !["value", "expression"].includes(line.aggregate);
    const parts = [
      field("what", menu("aggregate", kinds().map((one) => [one, one]), line.aggregate,
        (value) => { line.aggregate = value; settle(); }, "fk-aggregate"), false),
    ];
    if (line.aggregate === "expression") {
      parts.push(field("expression", box("expression", line.expression, set("expression"),
        choice.label ? "COUNT(*) OVER next_30d = 0" : "amount / 100.0")));
    } else if (line.aggregate !== "COUNT(*)") {
      parts.push(field("column", menu("column", columns(line.aggregate).map((one) =>
        [one.name, `${one.name} ${one.type}`]), line.column, set("column"), "fk-column")));
    }
    if (over) {
      parts.push(field("window", box("window", line.window, set("window"), model.get(listed())[0], names), false));
      parts.push(field("only rows where", box("filter", line.filter, set("filter"), "status = 'settled'")));
    }
    parts.push(field("name", box("feature name", line.name, set("name"), "named after the choices")));
    const drop = make("button", { title: "remove this feature", "aria-label": "remove this feature",
      class: "fk-drop", onclick: () => { choice.lines.splice(at, 1); settle(); } }, "×");
    drop.disabled = choice.lines.length < 2;
    return make("div", { class: "fk-bar fk-line" }, ...parts, drop);
  }
  const drawLines = () => lines.replaceChildren(...choice.lines.map(drawLine));

  function drawText() {
    text.textContent = model.get("text");
    const problem = model.get("problem");
    verdict.classList.toggle("fk-bad", Boolean(problem));
    verdict.textContent = problem || model.get("told");
    write.disabled = !model.get("text");
  }

  function writeCell() {
    const made = insertCell(model, model.get("text"));
    told.textContent = made
      ? "The cell stands below: run it to define the view."
      : "This page does not let a widget write cells: copy the text, or run %fk build again.";
    model.send({ do: "wrote", made });
  }

  async function copyText() {
    try {
      await navigator.clipboard.writeText(model.get("text"));
      told.textContent = "copied";
    } catch {
      getSelection().selectAllChildren(text);
      told.textContent = "selected: press Ctrl+C";
    }
  }

  model.on("change:text change:problem change:told", drawText);
  if (!sources().length) {
    root.replaceChildren(make("h3", {}, "feature builder"),
      make("p", {}, "No source is registered yet: begin with %source, then run %fk build again."));
    return;
  }
  if (!source()) choice.source = (sources().find((one) => one.kind === "events") ?? sources()[0]).name;
  if (!choice.lines.length) addLine();
  else settle();
  drawText();
}

export default live(drawBuilder);
