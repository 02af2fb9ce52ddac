// Files that the person chooses or drops: sent to the studio, and nowhere else.

export class Files {
  // where: the address that takes files; told(event, detail): "sending", "sent", "problem"
  constructor(where, told) {
    this.where = where;
    this.told = told;
    this.input = document.createElement("input");
    Object.assign(this.input, { type: "file", hidden: true });
    this.input.setAttribute("aria-hidden", "true");
    this.input.dataset.chooser = "";
    this.input.addEventListener("change", () => {
      if (this.input.files.length) this.send(this.input.files[0]);
      this.input.value = "";
    });
    document.body.append(this.input);
    this.listeners = [
      ["dragover", (event) => this.#over(event)],
      ["dragleave", (event) => event.relatedTarget ?? this.#mark(false)],
      ["drop", (event) => this.#drop(event)],
      ["paste", (event) => this.#take(event.clipboardData?.files, event)],
    ];
    for (const [name, listener] of this.listeners) document.addEventListener(name, listener);
  }

  close() {
    this.input.remove();
    for (const [name, listener] of this.listeners) document.removeEventListener(name, listener);
  }

  choose(accept) {
    this.input.accept = accept ?? "";
    this.input.click();
  }

  send(file) {
    this.request?.abort();
    const request = new XMLHttpRequest();
    this.request = request;
    request.open("POST", `${this.where}?name=${encodeURIComponent(file.name.slice(-200))}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) this.told("sending", event.loaded / event.total);
    });
    request.addEventListener("load", () => {
      this.told("sent", null);
      if (request.status === 413) this.told("problem", `${file.name} is larger than the studio accepts.`);
      else if (request.status !== 200) this.told("problem", request.responseText.slice(0, 500));
    });
    request.addEventListener("error", () => {
      this.told("sent", null);
      this.told("problem", `${file.name} could not be sent; is the studio still running?`);
    });
    this.told("sending", 0);
    request.send(file);
  }

  #over(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    this.#mark(true);
  }

  #drop(event) {
    this.#mark(false);
    this.#take(event.dataTransfer?.files, event);
  }

  #take(files, event) {
    if (!files?.length) return;
    event.preventDefault();
    this.send(files[0]);
  }

  #mark(on) {
    document.body.classList.toggle("pd-dropping", on);
  }
}
