// Reads src/LAYERS: the rooms bottom-up, one floor a line, "!" after a sealed room. A room is a folder of src/, or
// a folder inside one that has a floor of its own.
import { readFileSync } from 'node:fs';

export function readLayers(file = 'src/LAYERS') {
  const floors = [];
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (!line.trim() || line.startsWith('#')) continue;
    const rooms = [];
    for (const word of line.trim().split(/\s+/)) {
      if (word === '!') rooms.at(-1).sealed = true;
      else rooms.push({ name: word, floor: floors.length, sealed: false });
    }
    floors.push(rooms);
  }
  const rooms = new Map(floors.flat().map((room) => [room.name, room]));
  // The room of a path below src/: the one with the longest name that leads to it.
  const roomOf = (path) => {
    for (let folder = path; folder.includes('/');) {
      folder = folder.slice(0, folder.lastIndexOf('/'));
      if (rooms.has(folder)) return rooms.get(folder);
    }
    return undefined;
  };
  return { floors, rooms, roomOf };
}
