// Runs a listing that was compiled for WebAssembly: what it asks of a system, as far as a listing does. It becomes a worker's whole program, so it uses nothing from outside.
(function (root) {
  "use strict";
  // run(module, {args, env, most}) -> {out, err, trace, code}. `most` bounds all that is written, in bytes.
  root.wasi = function (module, { args = ["listing"], env = {}, most = 8 << 20 } = {}) {
    const BAD_FILE = 8, NOT_THERE = 44, UNKNOWN = 52; // errno of WASI preview 1
    const into = new TextEncoder(), from = new TextDecoder();
    const written = { 1: [], 2: [], 4: [] }; // output, errors, and the one file: the trace
    let memory, view, bytes, size = 0, code = 0, ended = false;
    const fresh = () => {
      if (view?.buffer === memory.buffer) return;
      view = new DataView(memory.buffer);
      bytes = new Uint8Array(memory.buffer);
    };
    const strings = (list) => {
      const items = list.map((text) => into.encode(`${text}\0`));
      return {
        sizes(count, length) {
          fresh();
          view.setUint32(count, items.length, true);
          view.setUint32(length, items.reduce((sum, item) => sum + item.length, 0), true);
          return 0;
        },
        get(pointers, to) {
          fresh();
          for (const item of items) {
            view.setUint32(pointers, to, true);
            bytes.set(item, to);
            pointers += 4;
            to += item.length;
          }
          return 0;
        },
      };
    };
    const given = strings(args), around = strings(Object.entries(env).map(([key, value]) => `${key}=${value}`));
    const knows = {
      args_sizes_get: given.sizes,
      args_get: given.get,
      environ_sizes_get: around.sizes,
      environ_get: around.get,
      fd_write(file, pieces, count, told) {
        if (!written[file]) return BAD_FILE;
        fresh();
        let total = 0;
        for (let i = 0; i < count; i++, pieces += 8) {
          const at = view.getUint32(pieces, true), length = view.getUint32(pieces + 4, true);
          total += length;
          size += length;
          if (size > most) throw new Error(`it wrote more than ${most >> 20} MB`);
          written[file].push(bytes.slice(at, at + length));
        }
        view.setUint32(told, total, true);
        return 0;
      },
      // One folder, "/", is open as 3; the only file in it is "trace", which becomes 4.
      fd_prestat_get(file, to) {
        if (file !== 3) return BAD_FILE;
        fresh();
        view.setUint32(to, 0, true);
        view.setUint32(to + 4, 1, true);
        return 0;
      },
      fd_prestat_dir_name(file, to) {
        if (file !== 3) return BAD_FILE;
        fresh();
        bytes[to] = 47; // a slash
        return 0;
      },
      path_open(_folder, _flags, name, length, _how, _rights, _inherited, _more, opened) {
        fresh();
        if (from.decode(bytes.slice(name, name + length)) !== "trace") return NOT_THERE;
        view.setUint32(opened, 4, true);
        return 0;
      },
      fd_close: () => 0,
      fd_fdstat_get(file, to) {
        fresh();
        bytes.fill(0, to, to + 24);
        bytes[to] = { 3: 3, 4: 4 }[file] ?? 2; // a folder, a file, a terminal
        view.setBigUint64(to + 8, 0xffffffffffffffffn, true);
        view.setBigUint64(to + 16, 0xffffffffffffffffn, true);
        return 0;
      },
      proc_exit(status) {
        code = status;
        ended = true;
        throw new Error("the end");
      },
      // No clock and no chance: a run is the same each time.
      clock_time_get(_clock, _precision, to) {
        fresh();
        view.setBigUint64(to, 0n, true);
        return 0;
      },
      random_get(to, length) {
        fresh();
        bytes.fill(7, to, to + length);
        return 0;
      },
      sched_yield: () => 0,
    };
    const imports = {};
    for (const { module: group, name } of WebAssembly.Module.imports(module)) (imports[group] ??= {})[name] = knows[name] ?? (() => UNKNOWN);
    const instance = new WebAssembly.Instance(module, imports);
    memory = instance.exports.memory;
    try {
      instance.exports._start();
    } catch (error) {
      if (!ended) {
        code = 134; // as a shell says of a program that aborted
        // A panic has said why already.
        if (!(error instanceof WebAssembly.RuntimeError && /unreachable/.test(error.message))) written[2].push(into.encode(`${error.message}\n`));
      }
    }
    const text = (pieces) => {
      const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
      let at = 0;
      for (const piece of pieces) {
        all.set(piece, at);
        at += piece.length;
      }
      return from.decode(all);
    };
    return { out: text(written[1]), err: text(written[2]), trace: text(written[4]), code };
  };
})((globalThis.untwisted ??= {}));
