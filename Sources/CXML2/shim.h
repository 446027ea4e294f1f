#pragma once
// The HTML parser and the streaming XML reader; neither the tree nor XPath.
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/xmlreader.h>
