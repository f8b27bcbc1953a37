/* A module that behaves as SoftHSM until the file named by BAD_MODULE says otherwise: then C_Sign crashes
   ("crash"), hangs ("hang"), or writes to standard output first ("loud"). BAD_MODULE_BASE is the module below. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "pkcs11go.h"

static CK_FUNCTION_LIST list;
static CK_C_Sign below;

static CK_RV C_Sign_bad(CK_SESSION_HANDLE s, CK_BYTE_PTR d, CK_ULONG dn, CK_BYTE_PTR v, CK_ULONG_PTR vn) {
	char mood[16] = "";
	FILE *f = fopen(getenv("BAD_MODULE"), "r");
	if (f) {
		if (!fgets(mood, sizeof mood, f)) mood[0] = 0;
		fclose(f);
	}
	if (!strcmp(mood, "crash")) *(volatile int *)8 = 1;
	if (!strcmp(mood, "hang")) for (;;) pause();
	if (!strcmp(mood, "loud")) { printf("{\"ID\":1,\"Values\":[]}\n"); fflush(stdout); }
	return below(s, d, dn, v, vn);
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR out) {
	void *base = dlopen(getenv("BAD_MODULE_BASE"), RTLD_NOW);
	CK_C_GetFunctionList get = base ? (CK_C_GetFunctionList)dlsym(base, "C_GetFunctionList") : NULL;
	CK_FUNCTION_LIST_PTR real;
	if (!get || get(&real) != CKR_OK) return CKR_GENERAL_ERROR;
	list = *real;
	below = real->C_Sign;
	list.C_Sign = C_Sign_bad;
	*out = &list;
	return CKR_OK;
}
