const MOST_ROWS = 200;

function drawCatalog({ model, root }) {
  const search = make("input", {
    class: "fk-grow fk-search", type: "search", placeholder: "search names, descriptions, owners, tags",
    "aria-label": "search the catalog",
  });
  const status = make("select", { class: "fk-status", "aria-label": "status" });
  const count = make("span", { class: "fk-quiet fk-count" });
  const body = make("tbody");
  const heads = ["view", "feature", "type", "per", "status", "owner", "description"];
  const table = make("table", { class: "fk-rows" },
    make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", {}, head)))), body);
  const details = make("div", { class: "fk-details", "aria-live": "polite" });
  const refresh = make("button", { title: "read the catalog again",
    onclick: () => model.send({ do: "refresh" }) }, "refresh");
  root.append(
    make("div", { class: "fk-bar" }, make("h3", {}, "feature catalog"), search, status, count, refresh),
    make("div", { class: "fk-scroll" }, table), details,
  );
  search.value = model.get("query");

  const words = (value) => (Array.isArray(value) ? value.join(", ") : String(value ?? ""));
  const reference = (row) => row.view + (row.version ? "@" + row.version : "");
  const type = (row) => row.type + (row.label ? ", label" : "");
  const haystack = (row) => [reference(row), row.feature, type(row), row.entity, row.owner,
    row.description, row.tags].map(words).join("\n").toLowerCase();

  function found() {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    return model.get("rows").filter((row) => {
      if (status.value && row.status !== status.value) return false;
      const hay = haystack(row);
      return wanted.every((word) => hay.includes(word));
    });
  }

  function pick(row) {
    model.set("picked", reference(row));
    model.save_changes();
    model.send({ do: "show", view: reference(row) });
    list();
    details.replaceChildren(make("p", { class: "fk-quiet" }, "reading " + reference(row) + " …"));
  }

  function line(row, previous) {
    const same = previous && reference(previous) === reference(row);
    const button = make("button", { class: "fk-pick", onclick: () => pick(row),
      "aria-pressed": String(model.get("picked") === reference(row)) }, reference(row));
    const cells = [button, row.feature, type(row), words(row.entity), row.status, row.owner,
      row.description].map((value, at) => make("td", { class: "fk-c" + at }, value ?? ""));
    const classes = [same ? "fk-same" : "", model.get("picked") === reference(row) ? "fk-picked" : ""];
    return make("tr", { class: classes.join(" ").trim(), onclick: () => pick(row) }, ...cells);
  }

  function list() {
    const rows = found();
    const shown = rows.slice(0, MOST_ROWS);
    body.replaceChildren(...shown.map((row, at) => line(row, shown[at - 1])));
    const more = rows.length > shown.length ? `, first ${shown.length} shown` : "";
    count.textContent = `${rows.length} of ${model.get("rows").length} features${more}`;
  }

  function choices() {
    const before = status.value;
    const known = [...new Set(model.get("rows").map((row) => row.status))].sort();
    status.replaceChildren(make("option", { value: "" }, "any status"),
      ...known.map((one) => make("option", { value: one }, one)));
    status.value = known.includes(before) ? before : "";
    list();
  }

  function show() {
    const found = model.get("details");
    if (!found.view || found.view !== model.get("picked")) return;
    const card = make("div");
    card.innerHTML = found.html; // made and escaped by the kernel, as every card
    details.replaceChildren(card);
  }

  search.addEventListener("input", list);
  search.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") body.querySelector("button")?.focus();
    if (event.key === "Enter" && found().length) pick(found()[0]);
  });
  body.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...body.querySelectorAll("button")];
    const next = buttons[buttons.indexOf(document.activeElement) + step];
    (next ?? search).focus();
  });
  // a click on the button reaches the row as well: one pick is enough
  body.addEventListener("click", (event) => event.stopPropagation());
  status.addEventListener("change", list);
  model.on("change:rows", choices);
  model.on("change:details", show);
  choices();
  show();
}

export default live(drawCatalog);
