// Gradio runs this with the list of filters as `element`; `trigger` sends an event with its data.
element.addEventListener('click', (event) => {
  const chip = event.target.closest('button.chip');
  if (!chip) return;
  if (chip.dataset.field === 'days')
    for (const day of document.querySelectorAll('#filter input[type=date]')) day.value = '';
  trigger('select', { drop: Number(chip.dataset.chip) });
});
