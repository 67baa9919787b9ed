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

  const form = make("div", { class: "fk-bar fk-form" });
  const lines = make("div", { class: "fk-lines" });
  const text = make("pre", { class: "fk-text fk-cell", tabindex: "0", "aria-label": "the cell" });
  const verdict = make("div", { class: "fk-verdict", "aria-live": "polite" });
  const told = make("span", { class: "fk-quiet fk-told", "aria-live": "polite" });
  const write = make("button", { class: "fk-main fk-write", onclick: writeCell }, "write cell");
  const copy = make("button", { class: "fk-copy", onclick: copyText }, "copy");
  const names = "fk-windows-" + model.get("anchor");
  const windows = make("datalist", { id: names },
    ...model.get("windows").map((one) => make("option", { value: one })));
  root.append(
    make("h3", {}, "feature builder"), form, lines,
    make("div", { class: "fk-bar fk-more" },
      make("button", { class: "fk-add", onclick: addLine }, "+ feature")),
    text, verdict, make("div", { class: "fk-bar fk-foot" }, write, copy, told), windows,
  );

  const source = () => sources().find((one) => one.name === choice.source);
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
    choice.lines.push(last ? { ...last, name: "" } : { aggregate: kinds()[0], window: "last_30d" });
    settle();
  }

  // a choice that the source does not offer becomes its first one
  function settle() {
    const here = source();
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
      field("view", box("view name", choice.view, (value) => { choice.view = value; changed(); }, "customer_spend")),
      field("source", menu("source", sources().map((one) => [one.name, `${one.name} (${one.kind})`]),
        choice.source, (value) => { choice.source = value; settle(); }, "fk-source")),
      ...(entities.length ? [field("per", menu("entity", entities, choice.entity,
        (value) => { choice.entity = value; changed(); }))] : []),
      field("owner", box("owner", choice.owner, (value) => { choice.owner = value; changed(); }, "you@example.com")),
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
      parts.push(field("expression", box("expression", line.expression, set("expression"), "amount / 100.0")));
    } else if (line.aggregate !== "COUNT(*)") {
      parts.push(field("column", menu("column", columns(line.aggregate).map((one) =>
        [one.name, `${one.name} ${one.type}`]), line.column, set("column"), "fk-column")));
    }
    if (over) {
      parts.push(field("window", box("window", line.window, set("window"), "last_30d", names), false));
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
