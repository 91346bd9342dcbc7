// Shift pressed alone, three times, leaves. The chat and the host's page share the
// rule: keys pressed in one never reach the other.

const PRESSES = 3;
const WITHIN = 5_000; // ms between two presses

/** Call `leave` at the third press; `remaining(count)` after the others. */
export function onThreeShifts(leave, remaining) {
  let presses = 0;
  let alone = false;
  let timer;

  const startAgain = () => {
    presses = 0;
    alone = false;
  };

  const keyDown = (event) => {
    const other = event.key !== "Shift" || event.isComposing;
    if (other || event.ctrlKey || event.altKey || event.metaKey) startAgain();
    else alone = true;
  };

  const keyUp = (event) => {
    if (event.key !== "Shift" || !alone) return startAgain();
    alone = false;
    presses += 1;
    clearTimeout(timer);
    timer = setTimeout(startAgain, WITHIN);
    if (presses >= PRESSES) leave();
    else remaining(PRESSES - presses);
  };

  document.addEventListener("keydown", keyDown, true);
  document.addEventListener("keyup", keyUp, true);
}
