// Reads src/LAYERS: the rooms bottom-up, one floor a line, "!" after a sealed room.
import { readFileSync } from 'node:fs';

export function readLayers(file = 'src/LAYERS') {
  const floors = [];
  const comment = [];
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line.startsWith('#')) comment.push(line.slice(1).trim());
    if (!line.trim() || line.startsWith('#')) continue;
    const rooms = [];
    for (const word of line.trim().split(/\s+/)) {
      if (word === '!') rooms.at(-1).sealed = true;
      else rooms.push({ name: word, floor: floors.length, sealed: false });
    }
    floors.push(rooms);
  }
  return { floors, rooms: new Map(floors.flat().map((room) => [room.name, room])) };
}
