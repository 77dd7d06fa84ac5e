// A prompt as it is given on a command line: the words themselves, or "-" for all of stdin.
import { text } from 'node:stream/consumers';
import { badInput } from './failure.js';

export async function promptFrom(argument: string): Promise<string> {
  if (argument !== '-') return argument;
  if (process.stdin.isTTY) process.stderr.write('Type the prompt, then Ctrl-D.\n');
  const typed = await text(process.stdin);
  if (typed.trim() === '')
    throw badInput('prompt: got nothing on stdin; pipe the text into it, or give it as an argument.');
  return typed;
}
