'use strict';
// The folders that a Worker finds: they are there so that paths mean something, and nothing can be put into them.
const {Error, ObjectFreeze} = primordials;
const {posix: {resolve}} = require('path');
const {validateString} = require('internal/validators');

const kLongestPath = 4096;

const folders = {
  __proto__: null,
  '/': ObjectFreeze(['bundle', 'tmp', 'dev']),
  '/bundle': ObjectFreeze([]),
  '/tmp': ObjectFreeze([]),
  '/dev': ObjectFreeze(['full', 'null', 'random', 'zero']),
};

function failure(code, text, syscall, path) {
  const error = new Error(`${code}: ${text}, ${syscall} '${path}'`);
  error.code = code;
  error.syscall = syscall;
  error.path = path;
  return error;
}

// The folder's full name, or the error that a system call would have.
function openFolder(directory, path, syscall) {
  validateString(path, 'path');
  if (path.length > kLongestPath) throw failure('ENAMETOOLONG', 'name too long', syscall, path);
  const full = path === '' ? undefined : resolve(directory, path);
  if (full === undefined || folders[full] === undefined) throw failure('ENOENT', 'no such file or directory', syscall, path);
  return full;
}

exports.openFolder = openFolder;
exports.namesIn = (folder) => [...folders[folder]];
exports.isFolder = (directory, path) => path !== '' && folders[resolve(directory, path)] !== undefined;
