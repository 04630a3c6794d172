// Gradio runs this with the turns as `element`; `trigger` sends an event with its data.
element.addEventListener('click', (event) => {
  const chip = event.target.closest('button.chip');
  if (!chip || document.querySelector('.turn[aria-busy]')) return;
  trigger('select', { turn: Number(chip.dataset.turn), chip: Number(chip.dataset.chip) });
});
