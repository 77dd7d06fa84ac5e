// How the commands describe a moment as an argument or option.
export const MOMENT =
  "a milestone's label, or a checkpoint: its id or at least 7 digits of it, as taskrun log lists them";
