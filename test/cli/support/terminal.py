# Runs a command in a terminal of its own and types into it: terminal.py '[["words to wait for", "keys"], ...]' command...
# Everything the terminal showed goes to stdout; the exit code is the command's.
import fcntl, json, os, pty, select, signal, struct, sys, termios, time

steps, command = json.loads(sys.argv[1]), sys.argv[2:]
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', 40, 120, 0, 0))
    os.environ['TERM'] = 'xterm-256color'
    os.execvp(command[0], command)

shown, read_from, until = b'', 0, time.time() + 50
while time.time() < until:
    if select.select([fd], [], [], 0.05)[0]:
        try:
            chunk = os.read(fd, 65536)
        except OSError:  # The command has closed its side.
            break
        if not chunk:
            break
        shown += chunk
    elif steps and steps[0][0].encode() in shown[read_from:]:
        read_from = len(shown)
        os.write(fd, steps.pop(0)[1].encode())
else:
    os.kill(pid, signal.SIGKILL)
status = os.waitpid(pid, 0)[1]
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 99)
