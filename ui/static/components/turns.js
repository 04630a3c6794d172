// Gradio runs this with the turns as `element`; `trigger` sends an event with its data.
element.addEventListener('click', (event) => {
  const chip = event.target.closest('button.chip');
  if (chip) trigger('select', { turn: Number(chip.dataset.turn), chip: Number(chip.dataset.chip) });
  const action = event.target.closest('[data-action]')?.dataset.action;
  if (action !== 'again' && action !== 'plain') return;
  const turn = event.target.closest('.turn');
  trigger('select', {
    turn: Number(turn.id.replace('turn-', '')) || null,
    question: turn.querySelector('.question').textContent,
    plain: action === 'plain',
  });
});
