// Draws a live widget into the place that its static card keeps. The notebook's output holds only
// the card, so a saved notebook never has a dead widget: where no kernel answers, the card stays.
function live(draw) {
  return {
    initialize({ model }) {
      const mark = "fk-live-" + model.get("anchor");
      const kept = new Map();
      const look = () => {
        for (const place of document.getElementsByClassName(mark)) {
          if (kept.has(place)) continue;
          const root = document.createElement("div");
          root.className = "fk-widget";
          root.dataset.lmSuppressShortcuts = "true"; // typing is not JupyterLab commands
          kept.set(place, [...place.childNodes]);
          place.replaceChildren(root);
          draw({ model, root });
        }
      };
      const observer = new MutationObserver(look);
      observer.observe(document.body, { childList: true, subtree: true });
      look();
      return () => {
        observer.disconnect();
        for (const [place, card] of kept) place.replaceChildren(...card);
      };
    },
  };
}

// The only way elements are made here: text is set as text, never parsed.
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "class") element.className = value;
    else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element && typeof value !== "string") element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

// Puts a cell below the one that shows the widget; false where the front end does not let us.
function insertCell(model, text) {
  const shared = model.widget_manager?.context?.model?.sharedModel;
  if (!shared?.cells || !shared.insertCell) return false;
  const mark = "fk-live-" + model.get("anchor");
  const here = shared.cells.findIndex(
    (cell) => cell.getOutputs && JSON.stringify(cell.getOutputs()).includes(mark),
  );
  if (here < 0) return false;
  shared.insertCell(here + 1, { cell_type: "code", source: text, metadata: { trusted: true } });
  return true;
}
