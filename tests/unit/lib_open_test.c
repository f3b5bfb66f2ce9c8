// SPDX-License-Identifier: Apache-2.0
/* Every way in which a device cannot be opened: its errno, and a sentence that names why. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "libtern.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static char dir[] = "/tmp/tern-open-XXXXXX";

/* Opening @spec must fail with @error, and the sentence must have @words. */
static void refuses(const char *spec, int error, const char *words)
{
	struct tern_device *dev = NULL;
	struct tern_result result;
	struct tern_info info;
	struct tern_cmd nop = { .op = TERN_OP_NOP };
	struct tern_bo *bo;

	assert_int_equal(tern_open(spec, &dev), -error);
	assert_non_null(dev);
	if (!strstr(tern_error(dev), words))
		fail_msg("\"%s\": no \"%s\" in \"%s\"", spec ? spec : "NULL", words,
			 tern_error(dev));
	/* A device that is not open refuses everything else, too. */
	assert_int_equal(tern_get_info(dev, &info), -ENODEV);
	assert_int_equal(tern_bo_create(dev, TERN_BO_HOST, 1, &bo), -ENODEV);
	assert_int_equal(tern_run(dev, &nop, 1, -1, &result), -ENODEV);
	tern_close(dev);
}

static const char *in_dir(const char *prefix, const char *name)
{
	static char spec[256];

	snprintf(spec, sizeof(spec), "%s%s/%s", prefix, dir, name);
	return spec;
}

static void write_file(const char *name, const char *text, mode_t mode)
{
	int fd = open(in_dir("", name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void bad_specs(void **state)
{
	(void)state;
	refuses(NULL, EINVAL, "no device");
	refuses("", EINVAL, "\"\"");
	refuses("tern0", EINVAL, "\"tern0\"");
	refuses("simulator", EINVAL, "\"simulator\"");
	refuses("sim:", EINVAL, "configuration");
	refuses("vfio-user:", EINVAL, "path");
	refuses("vfio-user", EINVAL, "vfio-user:PATH");
	assert_int_equal(tern_open("sim", NULL), -EINVAL);
	tern_close(NULL);
	assert_string_equal(tern_error(NULL), "no memory for a device");
}

static void no_kernel_device(void **state)
{
	(void)state;
	refuses("/dev/tern999", ENOENT, "/dev/tern999");
	refuses("/dev/tern999", ENOENT, "tern.ko");
	refuses("/dev/null", ENOTTY, "/dev/null is not a Tern device");
	refuses("/etc/passwd", ENOTTY, "/etc/passwd is not a device");
	refuses("/dev", ENOTTY, "/dev is not a device");
	refuses("/etc/passwd/x", ENOTDIR, "Not a directory");
}

/* A character device of root's, that nobody else may open; where none can be made, one that is. */
static bool find_forbidden(char path[256])
{
	static const char *const known[] = { "/dev/mem", "/dev/console", "/dev/tty0", "/dev/kmsg",
					     "/dev/loop-control", "/dev/autofs" };
	struct stat st;

	snprintf(path, 256, "%s/mine", dir);
	if (!geteuid() && !mknod(path, S_IFCHR | 0600, 1 << 8 | 3))
		return !chmod(path, 0600);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		snprintf(path, 256, "%s", known[i]);
		if (!stat(path, &st) && S_ISCHR(st.st_mode) && !st.st_uid && !(st.st_mode & 6))
			return true;
	}
	return false;
}

/* Opening @path as nobody must say that there is no permission, with @words. Runs in a child. */
static int refused_to_nobody(const char *path, const char *words)
{
	struct tern_device *dev;
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		int ret;

		if (!geteuid() && (setgid(65534) || setuid(65534)))
			_exit(9);
		ret = tern_open(path, &dev);
		if (ret != -EACCES || !strstr(tern_error(dev), path) ||
		    !strstr(tern_error(dev), words)) {
			fprintf(stderr, "# %s: %d, %s\n", path, ret, tern_error(dev));
			_exit(1);
		}
		tern_close(dev);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void no_permission(void **state)
{
	char path[256];

	(void)state;
	if (!find_forbidden(path))
		skip();
	assert_int_equal(refused_to_nobody(path, "run as root"), 0);
	/* Group 5 is tty on every Debian. */
	if (strstr(path, dir)) {
		assert_int_equal(refused_to_nobody(path, "udev"), 0);
		assert_int_equal(chown(path, 0, 5), 0);
		assert_int_equal(chmod(path, 0660), 0);
		assert_int_equal(refused_to_nobody(path, "usermod -aG tty"), 0);
	}
}

static void no_socket(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char spec[300];
	int fd;

	(void)state;
	refuses(in_dir("vfio-user:", "nothing"), ENOENT, "ternsim --socket");
	write_file("file", "", 0600);
	refuses(in_dir("vfio-user:", "file"), ECONNREFUSED, "nobody listens");
	memset(spec, 'x', sizeof(spec) - 1);
	spec[sizeof(spec) - 1] = '\0';
	memcpy(spec, "vfio-user:/", 11);
	refuses(spec, ENAMETOOLONG, "107 bytes");

	/* A socket that was left behind. */
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(strlen(in_dir("", "left")) < sizeof(addr.sun_path));
	strcpy(addr.sun_path, in_dir("", "left"));
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	close(fd);
	refuses(in_dir("vfio-user:", "left"), ECONNREFUSED, "has ended");
}

static void no_simulator(void **state)
{
	const char *saved = getenv("TERNSIM");
	char *old = saved ? strdup(saved) : NULL;
	char *path = strdup(getenv("PATH"));

	(void)state;
	setenv("TERNSIM", in_dir("", "nothing"), 1);
	refuses("sim", ENOENT, in_dir("", "nothing"));
	setenv("TERNSIM", "/etc/passwd", 1);
	refuses("sim", ENOENT, "/etc/passwd, which is no program");

	write_file("fails", "#!/bin/sh\nexit 42\n", 0755);
	setenv("TERNSIM", in_dir("", "fails"), 1);
	refuses("sim", ENODEV, "status 42");
	write_file("dies", "#!/bin/sh\nkill -SEGV $$\n", 0755);
	setenv("TERNSIM", in_dir("", "dies"), 1);
	refuses("sim", ENODEV, "signal 11");
	write_file("broken", "no program\n", 0755);
	setenv("TERNSIM", in_dir("", "broken"), 1);
	refuses("sim", ENOEXEC, "cannot start");

	/* Neither named, nor beside this test, nor in the PATH. */
	unsetenv("TERNSIM");
	setenv("PATH", dir, 1);
	refuses("sim", ENOENT, "$TERNSIM");
	setenv("PATH", path, 1);
	if (old)
		setenv("TERNSIM", old, 1);
	free(old);
	free(path);
}

/* Answers of a server that speaks something else. */
static void strange_server(void **state)
{
	static const struct {
		const char *script;
		int error;
		const char *words;
	} servers[] = {
		/* An error to VERSION: id 1, command 1, 16 bytes, reply and error, EPROTO. */
		{ "printf '\\001\\000\\001\\000\\020\\000\\000\\000\\041\\000\\000\\000\\107\\000\\000\\000' >&3; sleep 1",
		  71, "refuses" },
		/* A message of 2 bytes. */
		{ "printf '\\001\\000\\001\\000\\002\\000\\000\\000\\001\\000\\000\\000\\000\\000\\000\\000' >&3; sleep 1",
		  ENODEV, "impossible size" },
		/* vfio-user 9.0. */
		{ "printf '\\001\\000\\001\\000\\024\\000\\000\\000\\001\\000\\000\\000\\000\\000\\000\\000\\011\\000\\000\\000' >&3; sleep 1",
		  EPROTO, "vfio-user 9.0" },
		/* A reply that ends in its header. */
		{ "printf '\\001\\000\\001\\000\\024\\000' >&3", ENODEV, "status 0" },
	};
	const char *saved = getenv("TERNSIM");
	char *old = saved ? strdup(saved) : NULL;
	char text[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(servers); i++) {
		snprintf(text, sizeof(text), "#!/bin/bash\n%s\n", servers[i].script);
		write_file("strange", text, 0755);
		setenv("TERNSIM", in_dir("", "strange"), 1);
		refuses("sim", servers[i].error, servers[i].words);
	}
	if (old)
		setenv("TERNSIM", old, 1);
	else
		unsetenv("TERNSIM");
	free(old);
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(tern_status_name(0), "OK");
	assert_string_equal(tern_status_name(6), "HOST_ERROR");
	assert_string_equal(tern_status_name(200), "?");
	assert_string_equal(tern_platform_name(2), "RTL_SIM");
	assert_string_equal(tern_platform_name(99), "?");
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) && !chmod(dir, 0755) ? 0 : -1;
}

static int remove_dir(void **state)
{
	static const char *const files[] = { "mine", "file", "left", "fails", "dies", "broken",
					     "strange" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		unlink(in_dir("", files[i]));
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_specs),
		cmocka_unit_test(no_kernel_device),
		cmocka_unit_test(no_permission),
		cmocka_unit_test(no_socket),
		cmocka_unit_test(no_simulator),
		cmocka_unit_test(strange_server),
		cmocka_unit_test(names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("lib_open", tests, make_dir, remove_dir);
}
