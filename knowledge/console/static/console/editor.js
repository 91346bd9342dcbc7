// In a list the editor would keep Tab for itself, and nobody could leave by keyboard.
window.addEventListener(
  "keydown",
  (event) => {
    if (event.key === "Tab" && event.target.closest?.(".public-DraftEditor-content")) {
      event.stopPropagation();
    }
  },
  true,
);
